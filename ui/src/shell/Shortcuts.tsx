import { useShortcuts } from "../keys";
import { Dialog } from "../parts/Dialog";

/** The shortcuts of the page that is open. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const shortcuts = useShortcuts();
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <table className="shortcuts">
        <tbody>
          {shortcuts.map((shortcut) => (
            <tr key={shortcut.keys + shortcut.does}>
              <th scope="row">
                {shortcut.keys.split(" ").map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </th>
              <td>{shortcut.does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted small">In a grid or table: the arrow keys move, Enter opens. Escape closes what is open.</p>
    </Dialog>
  );
}
