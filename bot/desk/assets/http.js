// One way to call the server, and one kind of error with a sentence that may be shown.

const PATIENCE_MS = 20_000;

export class Problem extends Error {
  constructor(status, detail, retryAfter = null) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }

  /** The server does not know what was asked for, or no longer lets us. */
  get gone() {
    return this.status === 401 || this.status === 404;
  }

  /** The same request may well succeed in a moment. */
  get passing() {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export async function call(method, path, { body, headers = {} } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new Problem(0, "There is no connection to the support desk.");
  }
  if (!response.ok) throw await problemOf(response);
  try {
    return await response.json();
  } catch {
    throw new Problem(0, "The answer of the support desk was cut short.");
  }
}

export async function problemOf(response) {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  let detail = null;
  try {
    detail = (await response.json()).detail;
  } catch {
    // Not a problem document: a proxy's page, or nothing at all.
  }
  if (typeof detail !== "string" || detail === "") detail = fallback(response.status);
  return new Problem(response.status, detail, Number.isFinite(seconds) ? seconds : null);
}

function fallback(status) {
  if (status === 413) return "The message is too long.";
  if (status === 429) return "That was very fast. Please wait a moment.";
  if (status >= 500) return `Something went wrong on our side (${status}).`;
  return `The support desk refused this (${status}).`;
}
