import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

// One file: a page opened from a disk may not load modules beside it.
export default defineConfig({
  plugins: [preact(), viteSingleFile({ removeViteModuleLoader: true })],
  build: { target: 'es2020', rollupOptions: { input: 'report.html' } },
});
