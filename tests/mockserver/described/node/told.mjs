// What a program is told in its argument, and how it says what its client saw: one value as JSON.

export const told = JSON.parse(process.argv[2]);

export function say(value) {
  console.log(JSON.stringify(value));
}

// The beginning of a result, as letters: what kind of file it is.
export async function kind(url, headers = {}) {
  const bytes = new Uint8Array(await (await fetch(url, { headers })).arrayBuffer());
  return kindOf(bytes);
}

export function kindOf(bytes) {
  const head = new TextDecoder("latin1").decode(bytes.slice(0, 12));
  return [["ftyp", "mp4"], ["PNG", "png"], ["\xff\xd8\xff", "jpeg"]].find(([mark]) => head.includes(mark))?.[1] ?? head;
}

// The name and sentence of the error that something ends with; what it gives otherwise.
export async function outcome(work) {
  try {
    return await work();
  } catch (error) {
    return { error: error.name, message: error.message };
  }
}
