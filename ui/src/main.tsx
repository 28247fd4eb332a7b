import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { applyTheme, storedTheme } from "./theme/theme";
import "./theme/tokens.css";
import "./theme/base.css";
import "./theme/parts.css";

applyTheme(storedTheme());

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
