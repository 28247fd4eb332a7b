import type { ReactNode } from "react";

export type Column<Row> = {
  key: string;
  title: ReactNode;
  cell: (row: Row) => ReactNode;
  /** For numbers and durations. */
  right?: boolean;
  /** A CSS length for a column that must not grow. */
  width?: string;
};

export type Selection = { selected: ReadonlySet<string>; onChange: (selected: ReadonlySet<string>) => void };

export type TableProps<Row> = {
  /** What the table holds, for screen readers. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** What a row is called, for its checkbox. */
  rowLabel?: (row: Row) => string;
  selection?: Selection | undefined;
  /** A row that is open in a side panel. */
  current?: string | undefined;
};

/** Rows with a header that stays in sight; wide ones scroll sideways by themselves, never the page. */
export function Table<Row>({ caption, columns, rows, rowKey, rowLabel, selection, current }: TableProps<Row>) {
  return (
    // A region that scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-box" role="region" aria-label={caption} tabIndex={0}>
      <table className="table">
        <caption className="hidden-visually">{caption}</caption>
        <thead>
          <tr>
            {selection !== undefined && (
              <th className="table-check">
                <All rows={rows.map(rowKey)} selection={selection} />
              </th>
            )}
            {columns.map((column) => (
              <th key={column.key} scope="col" className={column.right ? "number" : undefined} style={{ width: column.width }}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = rowKey(row);
            return (
              <tr key={key} data-selected={selection?.selected.has(key)} data-current={current === key}>
                {selection !== undefined && (
                  <td className="table-check">
                    <input
                      type="checkbox"
                      aria-label={`Select ${rowLabel?.(row) ?? key}`}
                      checked={selection.selected.has(key)}
                      onChange={() => selection.onChange(toggled(selection.selected, key))}
                    />
                  </td>
                )}
                {columns.map((column) => (
                  <td key={column.key} className={column.right ? "number" : undefined}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function All({ rows, selection }: { rows: readonly string[]; selection: Selection }) {
  const chosen = rows.filter((key) => selection.selected.has(key)).length;
  return (
    <input
      type="checkbox"
      aria-label="Select all that are shown"
      checked={rows.length > 0 && chosen === rows.length}
      ref={(box) => {
        if (box !== null) {
          box.indeterminate = chosen > 0 && chosen < rows.length;
        }
      }}
      onChange={() => selection.onChange(new Set(chosen === rows.length ? [] : rows))}
    />
  );
}

function toggled(selected: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(selected);
  if (!next.delete(key)) {
    next.add(key);
  }
  return next;
}
