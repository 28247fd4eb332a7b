import { useEffect, useState } from "react";

const PAUSE_MS = 350;

/** The value as it was when typing last paused; `key` tells two values apart. */
export function useSettled<T>(value: T, key: string): T {
  const [settled, setSettled] = useState({ value, key });
  useEffect(() => {
    const timer = setTimeout(() => setSettled((before) => (before.key === key ? before : { value, key })), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value, key]);
  return settled.value;
}
