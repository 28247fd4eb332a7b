import { useState } from "react";

const SHOWN_MS = 2500;

/** Copying a text: what its button says for now, and what it does. */
export function useCopy(text: string, name = "Copy"): [told: string, copy: () => Promise<void>] {
  const [told, setTold] = useState(name);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setTold("Copied");
    } catch {
      setTold("Select the text and copy it: this browser does not let the page");
    }
    setTimeout(() => setTold(name), SHOWN_MS);
  }

  return [told, copy];
}
