/** Something is on its way; it shows after a moment only, so that fast answers do not flicker. */
export function Loading({ what = "Loading" }: { what?: string }) {
  return (
    <p className="loading" role="status">
      <span className="loading-bar" aria-hidden="true" />
      {what}…
    </p>
  );
}
