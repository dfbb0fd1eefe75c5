// How the inbox says what the classifier and the queue know.

export const urgencyNames = { critical: "Critical", high: "High", normal: "Normal", low: "Low" };

export function intentName(intent) {
  if (!intent) return "Not classified";
  const words = intent.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What an action is called in the list of what Porter did. */
export const actionName = (action) => actionNames[action] ?? intentName(action);

const actionNames = {
  password_reset: "Link for a new password",
  certificate_resend: "Certificate sent again",
  certificate_missing: "Why there is no certificate",
  refund_status: "State of a refund",
  charge_question: "A charge",
  access_after_payment: "Access to a paid course",
  progress_missing: "Progress that is not counted",
};

/** Confidence as a word and a number: {level, words, percent}; null when there is none. */
export function confidenceOf(confidence) {
  if (typeof confidence !== "number") return null;
  const percent = Math.round(confidence * 100);
  if (confidence >= 0.85) return { level: "high", words: "Sure", percent };
  if (confidence >= 0.6) return { level: "middle", words: "Fairly sure", percent };
  return { level: "low", words: "Unsure", percent };
}

/** Who has the ticket, from the view of the agent at this screen. */
export function holderOf({ status, assignee, mine }) {
  if (status === "resolved") return assignee ? `Resolved by ${mine ? "you" : assignee.name}` : "Resolved";
  if (status === "claimed") return mine ? "Yours" : `With ${assignee?.name ?? "a colleague"}`;
  return "Waiting in the queue";
}

/** Why the reply box is closed; null when it is open. */
export function replyBarrier({ status, assignee, mine }) {
  if (status === "resolved") return "This ticket is resolved.";
  if (status === "claimed" && mine) return null;
  if (status === "claimed") return `${assignee?.name ?? "A colleague"} has this ticket.`;
  return "Claim this ticket to reply (press c).";
}

/** How the reply reaches the student, when that is not the chat. */
export function replyWay({ status, mine, letters }) {
  if (!letters || status !== "claimed" || !mine) return "";
  return letters.address ? `Goes by e-mail to ${letters.address}.` : "There is no address: the reply is only shown to the system that filed this.";
}

export function initials(name) {
  const words = name.trim().split(/\s+/);
  return (words[0].charAt(0) + (words.length > 1 ? words.at(-1).charAt(0) : "")).toUpperCase();
}
