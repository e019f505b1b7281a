// One line for each check, as all drivers here print them.
import { isDeepStrictEqual } from 'node:util';

const patience = 30_000;
let limit = patience;
export const failures = [];

export function check(name, ok, seen) {
  console.log(ok ? `ok    ${name}` : `FAIL  ${name}: ${shown(seen)}`);
  if (ok) return;
  failures.push(name);
  limit = patience / 2; // what is broken should not take minutes to show
}

// What somebody may want to know, and nothing can be wrong with.
export function report(text) {
  console.log(`      ${text}`);
}

// Asks `probe` until the answer is the wanted one (true without one), and checks that it came.
export async function eventually(name, probe, wanted = true) {
  const seen = await until(probe, wanted);
  const ok = isDeepStrictEqual(seen, wanted);
  check(name, ok, ok ? undefined : { seen, wanted });
  return ok;
}

// The same without a check: the last answer.
export async function until(probe, wanted = true) {
  const end = Date.now() + limit;
  for (;;) {
    const seen = await probe().catch((error) => `${error}`);
    if (isDeepStrictEqual(seen, wanted) || Date.now() > end) return seen;
    await new Promise((done) => setTimeout(done, 50));
  }
}

function shown(seen) {
  const text = typeof seen === 'string' ? seen : JSON.stringify(seen);
  return (text ?? 'nothing').slice(0, 2000).replaceAll('\n', '\\n');
}
