import { Component, type ReactNode } from "react";
import { ProblemNote } from "./Problem";

type Props = { children: ReactNode; /** Another value begins anew, such as the address. */ place: string };
type Kept = { error: unknown; place: string };

/** Catches what a page throws, so that the navigation stays and the reader has a way on. */
export class Failure extends Component<Props, Kept> {
  override state: Kept = { error: null, place: this.props.place };

  static getDerivedStateFromError(error: unknown): Partial<Kept> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, kept: Kept): Partial<Kept> | null {
    return props.place === kept.place ? null : { error: null, place: props.place };
  }

  override render(): ReactNode {
    if (this.state.error === null) {
      return this.props.children;
    }
    return (
      <div className="page">
        <ProblemNote error={this.state.error} retry={() => location.reload()} />
      </div>
    );
  }
}
