export async function pictures() {}
