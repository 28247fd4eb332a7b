import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from "react";
import { asProblem } from "../api/problem";

type Message = { id: number; text: string; more?: string | undefined; bad: boolean };
export type Toaster = {
  /** Something is done. */
  tell: (text: string) => void;
  /** Something did not work; it stays until it is closed. */
  warn: (error: unknown) => void;
};

const SHOWN_MS = 6000;
const MOST = 4;
const ToastContext = createContext<Toaster>({ tell: () => undefined, warn: () => undefined });

export function useToast(): Toaster {
  return useContext(ToastContext);
}

/** Short messages in a corner, read out by screen readers. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => setMessages((all) => all.filter((each) => each.id !== id)), []);

  const toaster = useMemo<Toaster>(() => {
    const add = (message: Omit<Message, "id">) => {
      next.current += 1;
      const id = next.current;
      setMessages((all) => [...all, { ...message, id }].slice(-MOST));
      return id;
    };
    return {
      tell(text) {
        const id = add({ text, bad: false });
        setTimeout(() => drop(id), SHOWN_MS);
      },
      warn(error) {
        const { body } = asProblem(error);
        add({ text: body.detail, more: body.wayOn ?? undefined, bad: true });
      },
    };
  }, [drop]);

  return (
    <ToastContext value={toaster}>
      {children}
      <div className="toasts" role="status" aria-live="polite" aria-label="Messages">
        {messages.map((message) => (
          <div key={message.id} className="toast" data-bad={message.bad}>
            <div>
              <p>{message.text}</p>
              {message.more && <p className="muted small">{message.more}</p>}
            </div>
            <button type="button" className="plain" aria-label="Close the message" onClick={() => drop(message.id)}>
              ✕
            </button>
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
