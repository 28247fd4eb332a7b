/** The namespace that lists are narrowed to: in the address of a list, remembered for the links of the header. */
import { useSearchParams } from "react-router";

const KEY = "slipway.namespace";

/** That of the address; undefined = all that the reader may see. */
export function useNamespace(): string | undefined {
  const [search] = useSearchParams();
  return search.get("namespace") ?? undefined;
}

export function rememberNamespace(namespace: string): void {
  sessionStorage.setItem(KEY, namespace);
}

export function rememberedNamespace(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

/** The words of a kubectl line for a namespace: `-n team`, or `-A`. */
export function inNamespace(namespace: string | undefined): string {
  return namespace === undefined ? "-A" : `-n ${namespace}`;
}
