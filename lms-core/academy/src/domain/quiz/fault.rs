//! What can be wrong with a question, and what to do about it.

/// A fault of a question; printed, it says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it has no text: write what is asked in `text`")]
    NoText,
    #[error("`points` must be a whole number from 1 to 100")]
    Points,
    #[error("a text is longer than 4,000 characters: shorten it")]
    TooLong,
    #[error("each tag needs 1 to 60 characters")]
    Tag,
    #[error("it needs 2 to 20 choices")]
    Choices,
    #[error("`correct` names a choice that is not there: count from 0")]
    CorrectOutside,
    #[error("no choice is right: name at least one in `correct`")]
    NothingCorrect,
    #[error("a tolerance is at least 0, and `tolerance_percent` at most 100")]
    Tolerance,
    #[error("no answer is accepted: write at least one in `accepted`")]
    NothingAccepted,
    #[error("each accepted answer needs a letter or a figure, and at most 500 characters")]
    AcceptedEmpty,
    #[error("it needs 2 to 20 items, in their right order")]
    Items,
    #[error("choices and items must differ from each other, and none may be empty")]
    PartsAlike,
}
