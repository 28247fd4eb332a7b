import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { licences } from "./licences.ts";

/** The server that `npm run dev` asks for data. */
const server = process.env["SLIPWAY_DEV_SERVER"] ?? "http://127.0.0.1:8137";

export default defineConfig({
  plugins: [react(), licences()],
  build: {
    outDir: "../controller/web/static",
    emptyOutDir: true,
    target: "baseline-widely-available",
    // The content policy allows files of our own and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: "es" },
  server: { proxy: { "/api": { target: server, changeOrigin: true, headers: { origin: server } } } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}", "tests/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    env: { TZ: "UTC" },
  },
});
