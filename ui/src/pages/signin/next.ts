/** Where to go after signing in: an address of our own only, whatever a link says. */
export function nextAddress(asked: string | null): string {
  if (asked === null || !asked.startsWith("/") || /^\/[/\\]/.test(asked)) {
    return "/";
  }
  const address = new URL(asked, location.origin);
  // `/.//elsewhere` has a path that would be read as a host.
  const isOurs = address.origin === location.origin && address.pathname !== "/signin" && !address.pathname.startsWith("//");
  return isOurs ? address.pathname + address.search + address.hash : "/";
}
