//! How near an exam or a deadline is, read from the message's own words. It can only raise urgency.

use std::sync::LazyLock;

use regex::Regex;

/// How soon something falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Horizon {
    /// Within two days, or a deadline today.
    Days,
    /// An exam that runs or begins within hours.
    Hours,
}

const EXAM: &str = r"(?:exams?|finals?|final (?:test|assessment|exam|quiz)|graded (?:test|quiz)|mid-?terms?|proctor\w*|certification test|assessments?|vivas?|tests?|quiz(?:zes)?|re-?sits?|re-?takes?)";
const DUE: &str = r"(?:deadlines?|due|submit|submission|hand(?:ed)? (?:it )?in|hand-?in|assignments?|projects?|essays?|coursework|dissertation|thesis|homework|expires?|closes?)";
const HOURS: &str = r"(?:(?:in|within|next|under|about|less than|only|the next|starts?|begins?|have|left|got) (?:\w+ ){0,2}(?:\d+|a|an|one|two|three|four|five|six|seven|eight|ten|twelve|fifteen|twenty|thirty|forty|half an|couple of|few|a few|some) ?(?:-?(?:hours?|hrs?|h|minutes?|mins?|min|m)\b)|(?:\d+|one|two|three|four|five|six|ten|fifteen|twenty|thirty|forty|half an|an|a few|few|couple of) (?:more )?(?:hours?|hrs?|minutes?|mins?|min) (?:left|to go|remain\w*|from now|away|before|until|till|to)|today|tonight|this (?:morning|afternoon|evening)|right now|at the moment|(?:at|by|around|from) (?:noon|midday|\d{1,2}(?:[:.]\d\d)? ?(?:am|pm|o'?clock|h\b))|at \d{1,2}[:.]\d\d|in the middle of|during (?:the|my|an|a|this)|mid-?exam|halfway through|while (?:i am |i'm |im )?(?:taking|sitting|writing|doing)|started (?:at|\d+)|(?:clock|timer|countdown)[^.?!]{0,20}(?:running|ticking|going|goes|runs|counting|still)|any minute|about to (?:start|begin)|begins? soon|starts? soon|currently (?:in|taking|sitting)|(?:is|am|i'm|im) (?:now )?(?:in|sitting|taking) (?:the|my|an)|kicked (?:me )?out of)";
const DAYS: &str = r"(?:tomorrow|tmrw|tmw|2moro|tomo|tonight|today|midnight|in (?:\d{1,2}|one|two|a few|a couple of) (?:hours?|hrs?)|(?:in|within|next|only|have|got) (?:one|two|1|2|a|a couple of|the next two) days?|in (?:24|36|48) ?(?:h|hours?|hrs?)|(?:24|36|48) ?(?:h|hours|hrs)|day after tomorrow|this (?:evening|afternoon|morning)|(?:two|one|1|2) (?:more )?days? (?:left|to go|away|before|until|from now)|at noon|in an hour|first thing in the morning)";

static PAST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:yesterday|last (?:week|month|night|year|friday|monday|tuesday|wednesday|thursday|saturday|sunday)|(?:days?|weeks?|months?) ago|got my (?:result|grade|mark)s?|was (?:marked|graded)|results? (?:came|are|is))\b").ok()
});
static EXAM_HOURS: LazyLock<Option<Regex>> = LazyLock::new(|| near(EXAM, HOURS));
static EXAM_DAYS: LazyLock<Option<Regex>> = LazyLock::new(|| near(EXAM, DAYS));
static DUE_DAYS: LazyLock<Option<Regex>> = LazyLock::new(|| near(DUE, DAYS));

/// The two within 120 characters of each other, in either order.
fn near(thing: &str, when: &str) -> Option<Regex> {
    Regex::new(&format!(r"(?is)\b{thing}\b.{{0,120}}?\b{when}|\b{when}.{{0,120}}?\b{thing}\b")).ok()
}

fn found(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// The nearest date that the message speaks of.
pub(crate) fn horizon(text: &str) -> Option<Horizon> {
    let plain = text.replace('’', "'");
    if found(&EXAM_HOURS, &plain) && !found(&PAST, &plain) {
        return Some(Horizon::Hours);
    }
    (found(&EXAM_DAYS, &plain) || found(&DUE_DAYS, &plain)).then_some(Horizon::Days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exams_within_hours() {
        for text in [
            "my exam starts in two hours and I am locked out",
            "exam in 40 min and the page is blank!!",
            "I am in the middle of the final exam and submit does nothing",
            "the proctored test is at 3pm and the camera check fails",
            "THE TIMER IS STILL RUNNING ON MY EXAM and the page froze",
        ] {
            assert_eq!(horizon(text), Some(Horizon::Hours), "{text}");
        }
    }

    #[test]
    fn within_two_days() {
        for text in [
            "assignment due tomorrow, need more time",
            "my exam is the day after tomorrow",
            "project has to be handed in by midnight",
        ] {
            assert_eq!(horizon(text), Some(Horizon::Days), "{text}");
        }
    }

    #[test]
    fn no_date_or_a_past_one() {
        for text in [
            "URGENT!!! how do coupons work",
            "I want a refund today",
            "my exam was marked wrong last week",
            "my exam is next month",
        ] {
            assert_eq!(horizon(text), None, "{text}");
        }
    }
}
