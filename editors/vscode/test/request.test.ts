import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stageAt, targetNames } from '../src/graph/request';

const stage = (name: string | null, line: number) => {
  const position = { line, character: 0 };
  const range = { start: position, end: position };
  return { name, title: name ?? '', range, selectionRange: range, needed: true };
};

const stages = [stage('builder', 3), stage('certs', 8), stage('CERTS', 12), stage(null, 20)];

test('the cursor is in the stage that began last', () => {
  assert.deepEqual([0, 3, 7, 12, 99].map((line) => stageAt(stages, line)), [null, 0, 0, 2, 3]);
});

test('a stage is a target by its name, if that means it', () => {
  assert.deepEqual(targetNames(stages), ['builder', null, 'CERTS', null]);
});
