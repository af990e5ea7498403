import type { IncomingMessage } from 'node:http';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** The server that `npm run dev` takes the API from. */
const SERVER = process.env.WORKSMITH_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    // The folder above it stays, for cargo to watch.
    outDir: 'dist/app',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // The policy of the pages permits no data: but for images.
    assetsInlineLimit: 0,
    manifest: true,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      // Operations have a dot in their first segment, and files of this folder do not.
      '^/(session(/end)?|[a-z-]+(\\.[a-z-]+)+)$': { target: SERVER, changeOrigin: false, bypass: own },
      '^/(upload|download|uploaded)/': SERVER,
    },
  },
  test: { include: ['test/**/*.test.ts'] },
});

/** Files of this folder are asked for by GET, operations by POST. */
function own(request: IncomingMessage): string | undefined {
  return request.method === 'POST' ? undefined : request.url;
}
