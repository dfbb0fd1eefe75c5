//! Whether a sentence says what the passages say. Strict and without a model: in doubt it does not.
//!
//! A sentence is supported by one statement of a passage, or by two that follow each other, when
//!
//! 1. every word of it that matters is there, in the same order: names, verbs, numbers, dates, amounts, addresses, negations, modal verbs.
//!    Only forms of a word ("refund", "refunded") and a few words that say the same ("choose", "select") may differ, and words such as
//!    "the" and "your" may come and go;
//! 2. of every clause that it takes words from, nothing that matters is left out, and of a sentence with a condition, a negation, an
//!    alternative or a count, nothing at all: half of such a sentence says something else;
//! 3. what it leaves out stands at the statement's beginning or end.
//!
//! Meaning is compared as well (see [`Rephraser`](crate::Rephraser)); that alone would let "not" and "14" slip.

mod evidence;
mod tokens;
mod words;

use std::ops::Range;

pub(crate) use evidence::{Evidence, Statement};
#[cfg(test)]
pub(crate) use tokens::is_address;
pub(crate) use tokens::{Token, points_back, tokens};

/// Words that matter that a sentence has at least; "Yes." is nobody's answer.
const FEWEST: usize = 2;

/// What a sentence rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Support {
    pub(crate) passage: usize,
    pub(crate) statements: Range<usize>,
}

/// Finds what supports the sentence; `None` when nothing does.
pub(crate) fn support(sentence: &str, evidence: &Evidence) -> Option<Support> {
    // A question says nothing, and what has no end was cut off.
    if !sentence.ends_with(['.', '!', ':']) || sentence.ends_with("...") {
        return None;
    }
    let wanted = tokens(sentence);
    if wanted.len() < FEWEST {
        return None;
    }
    evidence.windows().find(|(_, statements)| fits(&wanted, statements)).map(|(support, _)| support)
}

/// Whether all of `wanted` is in these statements, and nothing that counts is left out.
fn fits(wanted: &[Token], statements: &[Statement]) -> bool {
    let given: Vec<(usize, &Token)> =
        statements.iter().enumerate().flat_map(|(number, own)| own.tokens.iter().map(move |token| (number, token))).collect();
    let Some(last) = statements.len().checked_sub(1) else { return false };
    // A word may stand there twice; from the left and from the right finds either.
    let left = matched(wanted.iter(), given.iter().enumerate());
    let right = matched(wanted.iter().rev(), given.iter().enumerate().rev());
    [left, right].into_iter().flatten().any(|found| {
        let is_matched = |place: usize| found.contains(&place);
        let each = given.iter().enumerate();
        let touched = |number: usize| each.clone().any(|(place, (own, _))| *own == number && is_matched(place));
        // Two statements where one would do are no support of their own.
        (0..=last).all(touched) && (0..=last).all(|number| nothing_is_missing(number, &given, &is_matched))
    })
}

/// The places of `given` that the wanted words have, each after the one before.
fn matched<'a>(
    wanted: impl Iterator<Item = &'a Token>,
    mut given: impl Iterator<Item = (usize, &'a (usize, &'a Token))>,
) -> Option<Vec<usize>> {
    wanted.map(|word| given.find(|(_, (_, token))| token.key == word.key).map(|(place, _)| place)).collect()
}

fn nothing_is_missing(number: usize, given: &[(usize, &Token)], is_matched: &dyn Fn(usize) -> bool) -> bool {
    let own: Vec<(usize, &Token)> =
        given.iter().enumerate().filter(|(_, (own, _))| *own == number).map(|(place, (_, token))| (place, *token)).collect();
    if own.iter().any(|(_, token)| token.binding) {
        return own.iter().all(|(place, _)| is_matched(*place));
    }
    let clauses: Vec<bool> = own
        .chunk_by(|(_, one), (_, other)| one.clause == other.clause)
        .map(|clause| {
            let kept = clause.iter().filter(|(place, _)| is_matched(*place)).count();
            (kept == clause.len()).then_some(true).or((kept == 0).then_some(false))
        })
        .collect::<Option<Vec<bool>>>()
        .unwrap_or_default();
    // One run of clauses that are kept.
    clauses.iter().any(|kept| *kept)
        && clauses.chunk_by(|one, other| one == other).filter(|run| run.first() == Some(&true)).count() == 1
}

#[cfg(test)]
mod tests;
