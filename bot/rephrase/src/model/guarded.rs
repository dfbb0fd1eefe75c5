use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream;
use porter_kernel::breaker::Breaker;
use porter_kernel::clock::Clock;
use tokio::time::{Instant, timeout_at};

use super::{Model, ModelError, Pieces, Prompt};

/// Characters that a token has at most, on average over an answer; more is not read, whatever the model was asked for.
const CHARS_PER_TOKEN: usize = 8;

/// How far a model's trouble may reach.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    /// For a whole answer.
    pub timeout: Duration,
    /// Failures in a row after which nobody asks for `pause`; then one tries.
    pub threshold: u32,
    pub pause: Duration,
}

impl Default for Guard {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(12), threshold: 3, pause: Duration::from_secs(30) }
    }
}

/// A model with an end to its time and its words, that nobody waits for while it keeps failing.
#[derive(Debug)]
pub struct Guarded {
    inner: Arc<dyn Model>,
    outcome: Outcome,
    timeout: Duration,
}

/// Where it is noted how an answer went.
#[derive(Debug, Clone)]
struct Outcome {
    breaker: Arc<Breaker>,
    clock: Arc<dyn Clock>,
}

impl Outcome {
    fn note(&self, worked: bool) {
        self.breaker.note(worked, self.clock.now());
    }
}

impl Guarded {
    pub fn new(inner: Arc<dyn Model>, clock: Arc<dyn Clock>, guard: Guard) -> Self {
        let breaker = Arc::new(Breaker::new(guard.threshold, guard.pause));
        Self { inner, outcome: Outcome { breaker, clock }, timeout: guard.timeout }
    }
}

/// An answer under way.
struct Running {
    pieces: Pieces,
    deadline: Instant,
    /// Characters that are still read.
    left: usize,
    outcome: Outcome,
}

impl Running {
    async fn next(mut self) -> Option<(Result<String, ModelError>, Option<Self>)> {
        let piece = match timeout_at(self.deadline, self.pieces.next()).await {
            Err(_) => Err(ModelError::TimedOut),
            Ok(Some(piece)) => piece,
            Ok(None) => {
                self.outcome.note(true);
                return None;
            }
        };
        match piece {
            Err(error) => {
                self.outcome.note(false);
                Some((Err(error), None))
            }
            Ok(text) => {
                let text: String = text.chars().take(self.left).collect();
                self.left -= text.chars().count();
                if self.left == 0 {
                    // It works, and does not know when to stop.
                    self.outcome.note(true);
                    return Some((Ok(text), None));
                }
                Some((Ok(text), Some(self)))
            }
        }
    }
}

#[async_trait]
impl Model for Guarded {
    async fn answer(&self, prompt: &Prompt) -> Result<Pieces, ModelError> {
        if !self.outcome.breaker.allows(self.outcome.clock.now()) {
            return Err(ModelError::LeftAlone);
        }
        let deadline = Instant::now() + self.timeout;
        let begun = timeout_at(deadline, self.inner.answer(prompt)).await.unwrap_or(Err(ModelError::TimedOut));
        let pieces = begun.inspect_err(|_| self.outcome.note(false))?;
        let left = usize::try_from(prompt.max_tokens).unwrap_or(usize::MAX).saturating_mul(CHARS_PER_TOKEN);
        let running = Running { pieces, deadline, left, outcome: self.outcome.clone() };
        Ok(stream::unfold(Some(running), async |running| running?.next().await).boxed())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use porter_kernel::clock::ManualClock;

    use super::*;

    /// Fails, hangs or talks without end, and counts how often it is asked.
    #[derive(Debug, Default)]
    struct Moody {
        asked: AtomicU32,
        mood: std::sync::Mutex<&'static str>,
    }

    #[async_trait]
    impl Model for Moody {
        async fn answer(&self, _prompt: &Prompt) -> Result<Pieces, ModelError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let mood = *self.mood.lock().unwrap();
            match mood {
                "hangs" => std::future::pending().await,
                "stops" => Ok(stream::iter([Ok("One. ".to_owned())]).chain(stream::pending()).boxed()),
                "endless" => Ok(stream::repeat(Ok("word ".to_owned())).boxed()),
                "fine" => Ok(stream::iter(["One. ", "Two."]).map(|text| Ok(text.to_owned())).boxed()),
                _ => Err(ModelError::Failed("it is down".to_owned())),
            }
        }
    }

    fn prompt() -> Prompt {
        Prompt { system: String::new(), user: String::new(), max_tokens: 10 }
    }

    async fn ask(guarded: &Guarded) -> (String, Option<ModelError>) {
        let mut pieces = match guarded.answer(&prompt()).await {
            Ok(pieces) => pieces,
            Err(error) => return (String::new(), Some(error)),
        };
        let mut said = String::new();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(text) => said.push_str(&text),
                Err(error) => return (said, Some(error)),
            }
        }
        (said, None)
    }

    fn guarded(mood: &'static str) -> (Guarded, Arc<Moody>, Arc<ManualClock>) {
        let (moody, clock) = (Arc::new(Moody::default()), Arc::new(ManualClock::default()));
        *moody.mood.lock().unwrap() = mood;
        let guard = Guard { timeout: Duration::from_millis(50), threshold: 2, pause: Duration::from_secs(60) };
        (Guarded::new(Arc::<Moody>::clone(&moody), Arc::<ManualClock>::clone(&clock), guard), moody, clock)
    }

    #[tokio::test]
    async fn one_that_hangs_is_given_up_and_what_it_said_is_kept() {
        let (one, ..) = guarded("hangs");
        assert_eq!(ask(&one).await, (String::new(), Some(ModelError::TimedOut)));
        let (one, ..) = guarded("stops");
        assert_eq!(ask(&one).await, ("One. ".to_owned(), Some(ModelError::TimedOut)));
    }

    #[tokio::test]
    async fn one_that_never_ends_is_read_up_to_its_budget() {
        let (one, ..) = guarded("endless");
        let (said, error) = ask(&one).await;
        assert_eq!((said.len(), error), (80, None));
    }

    #[tokio::test]
    async fn one_that_keeps_failing_is_left_alone_until_a_trial_works() {
        let (one, moody, clock) = guarded("down");
        for _ in 0..5 {
            ask(&one).await;
        }
        assert_eq!(moody.asked.load(Ordering::SeqCst), 2);
        assert_eq!(ask(&one).await.1, Some(ModelError::LeftAlone));
        clock.advance(Duration::from_secs(61));
        assert_eq!(ask(&one).await.1, Some(ModelError::Failed("it is down".to_owned())), "the trial");
        assert_eq!(ask(&one).await.1, Some(ModelError::LeftAlone));
        *moody.mood.lock().unwrap() = "fine";
        clock.advance(Duration::from_secs(61));
        for _ in 0..3 {
            assert_eq!(ask(&one).await, ("One. Two.".to_owned(), None));
        }
        assert_eq!(moody.asked.load(Ordering::SeqCst), 6);
    }
}
