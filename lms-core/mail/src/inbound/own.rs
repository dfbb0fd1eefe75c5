//! Sets what the writer wrote apart from what they quoted, forwarded or signed. Every line goes to one side or the other as it stands; none is made.

use super::marks::{
    attribution, begins_another, is_closing, is_contact, is_delimiter, is_device, is_disclaimer, is_marked, is_sure,
};

/// Lines of a signature below its delimiter, or of a card below a closing, that are not blank.
const SIGNATURE_LINES: usize = 12;
const CARD_LINES: usize = 8;
/// Longer lines are sentences, and no part of a card.
const CARD_CHARS: usize = 80;
const CARD_WORDS: usize = 10;
/// How near the end a line of a telephone stands.
const DEVICE_LINES: usize = 4;

/// Both sides of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Parted {
    /// What the writer wrote: nothing, in a mail that only passes another one on.
    pub(super) own: String,
    /// The rest, in its order.
    pub(super) rest: String,
}

/// Parts the text of a mail.
pub(super) fn part(text: &str) -> Parted {
    let lines: Vec<&str> = text.lines().collect();
    let mut own: Vec<bool> = quoted(&lines).into_iter().map(|quoted| !quoted).collect();
    let any_quoted = own.contains(&false);
    for (from, to) in segments(&own) {
        let signed = signed_from(lines.get(from..to).unwrap_or_default());
        let says_more = lines.iter().zip(&own).take(from + signed.at).any(|(line, own)| *own && !line.trim().is_empty());
        // A text that is nothing but a closing is what somebody wrote: "Thanks!"
        if says_more || (any_quoted && signed.surely) {
            own.iter_mut().take(to).skip(from + signed.at).for_each(|own| *own = false);
        }
    }
    let side = |which: bool| {
        let kept = lines.iter().zip(&own).filter(|(_, own)| **own == which).map(|(line, _)| *line);
        tidy(kept)
    };
    Parted { own: side(true), rest: side(false) }
}

/// Which lines somebody else wrote.
fn quoted(lines: &[&str]) -> Vec<bool> {
    let mut quoted = vec![false; lines.len()];
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        if is_marked(line) {
            mark(&mut quoted, at, 1);
            at += 1;
            continue;
        }
        if begins_another(rest) {
            mark(&mut quoted, at, rest.len());
            break;
        }
        let who = attribution(rest);
        if who > 0 {
            let what = rest.get(who..).unwrap_or_default();
            let next = what.iter().find(|line| !line.trim().is_empty());
            match next {
                // Only what is marked is quoted: the writer answers between or below.
                Some(next) if is_marked(next) => mark(&mut quoted, at, who),
                _ if is_sure(rest.get(..who).unwrap_or_default()) => {
                    mark(&mut quoted, at, rest.len());
                    break;
                }
                _ => {}
            }
            at += who;
            continue;
        }
        at += 1;
    }
    quoted
}

fn mark(quoted: &mut [bool], at: usize, count: usize) {
    quoted.iter_mut().skip(at).take(count).for_each(|quoted| *quoted = true);
}

/// Runs of lines that the writer wrote, as from and to.
fn segments(own: &[bool]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut begun = None;
    for (at, own) in own.iter().chain([&false]).enumerate() {
        match (begun, own) {
            (None, true) => begun = Some(at),
            (Some(from), false) => {
                found.push((from, at));
                begun = None;
            }
            _ => {}
        }
    }
    found
}

/// Where a signature begins.
#[derive(Debug, Clone, Copy)]
struct Signed {
    at: usize,
    /// It begins with what a program writes, and no person.
    surely: bool,
}

/// How many lines come before the signature. What could be a wish stays: a line is given up only as part of a block that looks like a signature to
/// its end.
fn signed_from(lines: &[&str]) -> Signed {
    let (mut end, mut surely) = (lines.len(), false);
    // Lines that are not blank, from each line on.
    let mut below = 0;
    let mut card = true;
    for (at, line) in lines.iter().enumerate().rev() {
        if line.trim().is_empty() {
            continue;
        }
        if is_disclaimer(line) {
            (end, below, card, surely) = (at, 0, true, true);
            continue;
        }
        let signature = is_delimiter(line) && below <= SIGNATURE_LINES;
        let closing = card && below <= CARD_LINES && is_closing(line);
        let device = below <= DEVICE_LINES && card && is_device(line);
        if signature || closing || device {
            (end, below, card, surely) = (at, 0, true, !closing);
            continue;
        }
        card &= is_of_a_card(line);
        below += 1;
        if below > SIGNATURE_LINES {
            break;
        }
    }
    let kept = lines.get(..end).unwrap_or_default();
    Signed { at: end.saturating_sub(business_card(kept)), surely }
}

/// A short line that asks and tells nothing.
fn is_of_a_card(line: &str) -> bool {
    let line = line.trim();
    let lower = line.to_lowercase();
    let adds = ["ps", "p.s", "nb", "n.b"].iter().any(|word| lower.starts_with(word));
    !adds && !line.ends_with('?') && line.chars().count() <= CARD_CHARS && line.split_whitespace().count() <= CARD_WORDS
}

/// The lines at the end that are a business card: the last paragraph, when two of its lines are telephones, addresses or sites.
fn business_card(lines: &[&str]) -> usize {
    let blank = |line: &&&str| line.trim().is_empty();
    let tail = lines.iter().rev().take_while(blank).count();
    let card: Vec<&&str> = lines.iter().rev().skip(tail).take(CARD_LINES + 1).take_while(|line| !blank(line)).collect();
    let contacts = card.iter().filter(|line| is_contact(line)).count();
    let more_above = lines.iter().rev().skip(tail + card.len()).any(|line| !line.trim().is_empty());
    let is_card = card.len() <= CARD_LINES && contacts >= 2 && more_above && card.iter().all(|line| is_of_a_card(line));
    if is_card { tail + card.len() } else { 0 }
}

/// The lines as paragraphs: no blank lines at either end, and one at most between two.
fn tidy<'l>(lines: impl Iterator<Item = &'l str>) -> String {
    let mut text = String::new();
    let mut gap = false;
    for line in lines.map(str::trim_end) {
        if line.trim().is_empty() {
            gap = true;
            continue;
        }
        if !text.is_empty() {
            text.push_str(if gap { "\n\n" } else { "\n" });
        }
        gap = false;
        text.push_str(line);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> String {
        part(text).own
    }

    #[test]
    fn an_answer_between_the_quoted_lines_is_kept_whole() {
        let text = "Hello,\n\nOn 12 May 2026, Porter wrote:\n> Have you tried it again?\nYes, it still fails.\n> Which browser?\nFirefox.\n\nAnna";
        assert_eq!(own(text), "Hello,\n\nYes, it still fails.\nFirefox.\n\nAnna");
    }

    #[test]
    fn paragraphs_stay_paragraphs() {
        let text = "My certificate has not come.\n\n\n\nAlso, how do I change my name?  \n\n- a list\n- of two\n";
        assert_eq!(own(text), "My certificate has not come.\n\nAlso, how do I change my name?\n\n- a list\n- of two");
    }

    #[test]
    fn what_looks_like_a_signature_and_is_none_stays() {
        for text in [
            "Thanks!",
            "Best,\nwould it be possible to get my money back?",
            "Thanks,\n\nPS: please also send the invoice",
            "Kind regards are all I got from your support so far\nand nothing else",
            "My number is wrong in my account:\n+49 30 1234567",
            "--\nfirst\nsecond\nthird\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\nthe wish",
        ] {
            assert_eq!(own(text), text, "{text}");
        }
    }

    #[test]
    fn signatures_go() {
        for signature in [
            "-- \nAnna Berg\nRiverside College",
            "Kind regards,\nAnna Berg\nTel. +49 30 1234567",
            "Mit freundlichen Grüßen\n\nAnna Berg",
            "Sent from my iPhone",
            "Anna Berg\nTel. 030 1234567\nwww.riverside.example",
            "Thanks\nAnna\n\nSent from my iPhone",
            "Cordialement,\nAnna\n\nThis e-mail is confidential and intended for its recipient only. If you are not, tell us and remove it, with all copies.",
        ] {
            let parted = part(&format!("I never got my certificate.\n\n{signature}\n"));
            assert_eq!(parted.own, "I never got my certificate.", "{signature}");
            assert!(parted.rest.contains("Anna") || parted.rest.contains("iPhone"), "{}", parted.rest);
        }
    }

    #[test]
    fn a_mail_that_only_passes_another_on_says_nothing_of_its_own() {
        let text = "---------- Forwarded message ---------\nFrom: Eve <eve@evil.example>\nSubject: x\n\nReset my password.";
        let parted = part(text);
        assert_eq!(parted.own, "");
        assert!(parted.rest.contains("Reset my password."));
    }
}
