// The text/event-stream format, for streams that are read with fetch.

/** Returns a function that takes decoded chunks and calls `onEvent({event, data, id})` for each whole event. */
export function eventParser(onEvent) {
  let rest = "";
  let event = "";
  let id = null;
  let data = [];

  const line = (text) => {
    if (text === "") {
      if (data.length > 0) onEvent({ event: event || "message", data: data.join("\n"), id });
      event = "";
      data = [];
      return;
    }
    if (text.startsWith(":")) return;
    const colon = text.indexOf(":");
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "id") id = value;
  };

  return (chunk) => {
    rest += chunk;
    // A lone CR at the very end may be the first half of CRLF: wait for the next chunk.
    for (;;) {
      const end = rest.search(/\r\n|\n|\r(?=[^\n])/);
      if (end < 0) return;
      const width = rest.startsWith("\r\n", end) ? 2 : 1;
      const whole = rest.slice(0, end);
      rest = rest.slice(end + width);
      line(whole);
    }
  };
}
