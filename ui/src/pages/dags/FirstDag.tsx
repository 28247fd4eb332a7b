const EXAMPLE = `kubectl apply -f - <<'END'
apiVersion: slipway.dev/v1alpha1
kind: Dag
metadata:
  name: hello
  namespace: NAMESPACE
spec:
  tasks:
    - name: say
      script: echo Hello
    - name: done
      script: echo Done
      dependsOn: [say]
END`;

/** A first Dag to copy, where there is none. */
export function FirstDag({ namespace }: { namespace: string | undefined }) {
  return (
    <>
      <p>There is none that you may see. A Dag is a Kubernetes resource; this makes a first one:</p>
      <pre>{EXAMPLE.replace("NAMESPACE", namespace ?? "default")}</pre>
    </>
  );
}
