// The text of a chosen file: UTF-8 or UTF-16, which PowerShell writes, and compressed or not.
const GZIP = [0x1f, 0x8b];

export async function textOf(file: Blob): Promise<string> {
  let bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] === GZIP[0] && bytes[1] === GZIP[1]) {
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    bytes = new Uint8Array(await new Response(plain).arrayBuffer());
  }
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) throw new Error('This is a ZIP archive; unpack it first.');
  const [a, b] = bytes;
  const encoding = (a === 0xff && b === 0xfe) || (a !== 0 && b === 0) ? 'utf-16le' : (a === 0xfe && b === 0xff) || (a === 0 && b !== 0) ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
