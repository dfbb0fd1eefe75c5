//! Webhooks on their way: signed, and sent again until somebody says that they have arrived.

use std::sync::Arc;
use std::time::Duration;

use super::Sandbox;
use super::state::Deliveries;
use crate::{ProviderEvent, SIGNATURE_HEADER};

/// The pause grows from the first to the last.
const FIRST: Duration = Duration::from_millis(500);
const LAST: Duration = Duration::from_mins(2);
/// After that only asking helps.
const ATTEMPTS: u32 = 200;

/// Sends what happened, in the way that the sandbox was told to.
pub(super) fn send(sandbox: &Arc<Sandbox>, event: ProviderEvent) {
    let events = match sandbox.book.behaviour().deliveries {
        Deliveries::Lost => Vec::new(),
        Deliveries::Once => vec![event],
        Deliveries::Twice => vec![event.clone(), event],
        Deliveries::Reversed => {
            let mut all = sandbox
                .book
                .read(|pages| pages.checkouts.get(&event.order).map(|checkout| checkout.events.clone()).unwrap_or_default());
            all.reverse();
            all
        }
    };
    let sandbox = Arc::clone(sandbox);
    tokio::spawn(async move {
        for event in events {
            until_taken(&sandbox, &event).await;
        }
    });
}

async fn until_taken(sandbox: &Sandbox, event: &ProviderEvent) {
    let Ok(body) = serde_json::to_vec(event) else { return };
    let mut pause = FIRST;
    for _ in 0..ATTEMPTS {
        if arrives(sandbox, &body).await {
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "a pause between attempts is the point")]
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LAST);
    }
    tracing::warn!(event = event.id, "the payment sandbox gave a webhook up");
}

/// Signed anew each time: a signature is good for minutes only.
async fn arrives(sandbox: &Sandbox, body: &[u8]) -> bool {
    let parts = &sandbox.parts;
    let request = sandbox
        .client
        .post(&parts.webhook_url)
        .header("content-type", "application/json")
        .header(SIGNATURE_HEADER, parts.secrets.sign(body, parts.clock.now()))
        .body(body.to_vec());
    match request.send().await {
        Ok(response) => response.status().is_success(),
        Err(_) => false,
    }
}
