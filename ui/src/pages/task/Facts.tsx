import type { ReactNode } from "react";

/** Names and values side by side. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

/** One of them; without a value it is left out. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === false || children === "") {
    return null;
  }
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd title={typeof children === "string" ? children : undefined}>{children}</dd>
    </div>
  );
}
