import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import react from "@vitejs/plugin-react";
import tailwindcss from "@tailwindcss/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/**
 * Writes `icons.json` (name → the markup inside its 24 × 24 `<svg>`), from which the templates' `{% icon %}` tag draws,
 * so that pages and React components show the same icons without a request each.
 */
function iconsForTemplates(): Plugin {
  type Node = [tag: string, attributes: Record<string, string>];
  const source = createRequire(import.meta.url).resolve("lucide-static/icon-nodes.json");
  const draw = ([tag, attributes]: Node): string =>
    `<${tag} ${Object.entries(attributes)
      .map(([name, value]) => `${name}="${value}"`)
      .join(" ")}/>`;
  return {
    name: "icons-for-templates",
    apply: "build",
    generateBundle() {
      const nodes = JSON.parse(readFileSync(source, "utf8")) as Record<string, Node[]>;
      const icons = Object.fromEntries(Object.entries(nodes).map(([name, parts]) => [name, parts.map(draw).join("")]));
      this.emitFile({ type: "asset", fileName: "icons.json", source: JSON.stringify(icons) });
    },
  };
}

export default defineConfig({
  // Relative, so that the built files work wherever Django's STATIC_URL puts them.
  base: "./",
  plugins: [react(), tailwindcss(), iconsForTemplates()],
  build: {
    outDir: "../src/guildhall/web/static/dist",
    emptyOutDir: true,
    manifest: true,
    // Fonts inlined as data: would need another source in the Content-Security-Policy.
    assetsInlineLimit: 0,
    rolldownOptions: { input: "src/main.ts" },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
