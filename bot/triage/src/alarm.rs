//! Words that alone make a message a matter of safety: a missed one costs more than a needless look.

use std::sync::LazyLock;

use regex::RegexSet;

const PATTERNS: &[&str] = &[
    r"\b(?:kill(?:ing)?|hurt(?:ing)?|harm(?:ing)?|cut(?:ting)?) (?:my|him|her|them|your)sel(?:f|ves)\b|\bself[- ]?harm|\bsuicid",
    r"\b(?:end|take) (?:my|his|her) (?:own )?life\b|\b(?:want|wish|rather) (?:to (?:die|be dead)|i (?:was|were) dead)\b|\bno (?:reason|point) (?:to|in) (?:live|living)\b",
    r"\bnothing (?:left )?to (?:live|get up) for\b|\b(?:better|world) (?:off )?without me\b|\bnot (?:going to )?be (?:here|around) (?:any ?more|much longer|tomorrow)\b",
    r"\b(?:do ?n[o']?t|no longer|never) (?:really )?(?:want|wish) to (?:be here|be around|be alive|live|exist|wake up)(?: any ?more| any longer|$|[.!,])|\bno longer want to (?:be here|live|exist)\b",
    r"\b(?:will|'ll|would|should|could|going to|gonna|wants? to|threaten\w* to|said (?:he|she|they)'?(?:ll|d| will| would)) (?:be )?(?:kill|rape|stab|shoot|beat|gas|lynch|hang)(?:ed)?\b|\bdeath threats?\b|\bshould be (?:gassed|shot|hanged|killed)\b",
    r"\b(?:blackmail|extort|sextort|stalk|dox+)(?:s|ed|ing|ers?)?\b|\bnudes?\b|\bnaked (?:photo|picture|pic)s?\b",
    r"\b(?:knows?|found out|posted|shared) where (?:i|we|she|he) (?:live|lives|work|works)\b|\bfollow(?:s|ed|ing) me home\b",
    r"\b(?:my|the) account (?:has been|was|is being|got|is) (?:hacked|hijacked|stolen|taken over|compromised)\b|\bhacked (?:my|into my) account\b",
    r"\b(?:someone|somebody|a stranger|another person) (?:else )?(?:is|has|was|got) (?:\w+ )?(?:in|into|inside|changed|using|logged into|signed into) my (?:account|password|e-?mail)\b",
];

static SET: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| RegexSet::new(PATTERNS.iter().map(|pattern| format!("(?is){pattern}"))).ok());

/// True when the message holds such words. Were the set not to compile, a person would see every message.
pub(crate) fn alarms(text: &str) -> bool {
    let plain = text.replace('’', "'");
    SET.as_ref().is_none_or(|set| set.is_match(&plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarming_words_are_found() {
        assert!(SET.is_some());
        for text in [
            "I want to die and nobody here cares",
            "he says people like us should be gassed",
            "a classmate is blackmailing me with photos",
            "my account was hacked, the address is not mine any more",
            "I've nothing left to get up for",
            "failed it, dont want to be here anymore",
            "I do not want to live any longer",
        ] {
            assert!(alarms(text), "{text}");
        }
    }

    #[test]
    fn everyday_words_are_not() {
        for text in [
            "this quiz is killing me",
            "the video cut off",
            "I nearly died laughing",
            "my account was created yesterday",
            "I don't want to live chat, I want a link",
        ] {
            assert!(!alarms(text), "{text}");
        }
    }
}
