import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import react from "@vitejs/plugin-react";
import tailwindcss from "@tailwindcss/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { keepOldAssets } from "./scripts/old-assets.ts";

const KEPT_DAYS = 7;

/**
 * Writes `icons.json` (name → the markup inside its 24 × 24 `<svg>`), from which the templates' `{% icon %}` tag draws,
 * so that pages and React components show the same icons without a request each.
 */
function iconsForTemplates(): Plugin {
  const folder = join(dirname(createRequire(import.meta.url).resolve("lucide-static/package.json")), "icons");
  const inside = /<svg[^>]*>(.*)<\/svg>/s;
  return {
    name: "icons-for-templates",
    apply: "build",
    generateBundle() {
      const files = readdirSync(folder).filter((file) => file.endsWith(".svg"));
      const icons = Object.fromEntries(
        files.map((file) => {
          const drawing = inside.exec(readFileSync(join(folder, file), "utf8"))?.[1] ?? "";
          return [basename(file, ".svg"), drawing.replace(/\s+/g, " ").replaceAll("> <", "><").trim()];
        }),
      );
      this.emitFile({ type: "asset", fileName: "icons.json", source: JSON.stringify(icons) });
    },
  };
}

export default defineConfig({
  // Relative, so that the built files work wherever Django's STATIC_URL puts them.
  base: "./",
  plugins: [react(), tailwindcss(), iconsForTemplates(), keepOldAssets(KEPT_DAYS)],
  build: {
    outDir: "../src/guildhall/web/static/dist",
    emptyOutDir: false,
    manifest: true,
    // Fonts inlined as data: would need another source in the Content-Security-Policy.
    assetsInlineLimit: 0,
    rolldownOptions: { input: "src/main.ts" },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.ts"],
    mockReset: true,
    restoreMocks: true,
  },
});
