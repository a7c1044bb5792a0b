// Starts the page's own program a second time, as the trainer. The page names the program's script in the address
// and posts the compiled module, so that it is neither fetched nor compiled twice and both ends are always of one
// build. What the page posts after that, before the trainer's own "ready" message, is lost; the page waits for it.
const script = new URL(new URLSearchParams(location.search).get("js"), location);
onmessage = async ({ data }) => {
  onmessage = null;
  try {
    const { default: init } = await import(script);
    await init({ module_or_path: data });
  } catch (error) {
    // A rejected promise stays inside the worker; a reported error reaches the page's `error` event.
    reportError(error);
  }
};
