import type { ReactNode } from "react";

export type EmptyProps = {
  /** What is not there, in a few words: "No Dags". */
  title: string;
  /** What to do about it. */
  children?: ReactNode;
  /** Where filters hide everything: a button that clears them. */
  clear?: (() => void) | undefined;
};

/** There is nothing to show, and what to do about it. */
export function Empty({ title, children, clear }: EmptyProps) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {clear === undefined ? (
        children
      ) : (
        <>
          <p>Nothing matches the filters.</p>
          <button type="button" onClick={clear}>
            Clear the filters
          </button>
        </>
      )}
    </div>
  );
}
