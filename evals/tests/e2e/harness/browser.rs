//! A browser that a test drives: headless Chromium with a profile of its own.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::text_of;
use super::until;
use super::wait::PATIENCE;

/// What the person's screen is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) dark: bool,
    /// Pixels of CSS; below 500 the browser plays a telephone.
    pub(crate) width: u32,
}

impl Look {
    pub(crate) const PLAIN: Self = Self { dark: false, width: 1280 };

    /// For file names.
    pub(crate) fn name(self) -> String {
        format!("{}-{}", if self.width < 500 { "narrow" } else { "wide" }, if self.dark { "dark" } else { "light" })
    }

    fn capabilities(self, profile: &TempDir) -> Capabilities {
        // 0 is dark, 1 light.
        let scheme = format!("--blink-settings=preferredColorScheme={}", u8::from(!self.dark));
        let (size, profile) =
            (format!("--window-size={},900", self.width), format!("--user-data-dir={}", profile.path().display()));
        let mut options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", scheme, size, profile,
        ] });
        if self.width < 500 {
            options["mobileEmulation"] = json!({ "deviceMetrics": { "width": self.width, "height": 800, "pixelRatio": 1.0 } });
        }
        Capabilities::from_iter([("goog:chromeOptions".to_owned(), options)])
    }
}

/// A browser with one window. Ends with this value.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) page: Client,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        Self::with(Look::PLAIN).await
    }

    /// A driver on a free port, its log, and the port; `None` when it ended without naming one.
    fn drive() -> Option<(Child, impl Iterator<Item = String> + Send + use<>, u16)> {
        // A group of its own, so that the browser ends with its driver.
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("starting chromedriver; `cargo xtask test` installs it");
        // Read to the end by a thread: a driver that cannot write any more ends.
        let mut log = BufReader::new(driver.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let port = log.find_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok());
        if port.is_none() {
            driver.wait().expect("waiting for a driver that has ended");
        }
        Some((driver, log, port?))
    }

    pub(crate) async fn with(look: Look) -> Self {
        // A driver ends when another took the port that it had looked up: then another is started.
        let (driver, log, port) = (0..5).find_map(|_| Self::drive()).expect("chromedriver names its port");
        std::thread::spawn(move || log.for_each(drop));
        let profile = tempfile::tempdir().expect("making a profile");
        let page = ClientBuilder::new(HttpConnector::new())
            .capabilities(look.capabilities(&profile))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("opening Chromium");
        Self { page, driver, _profile: profile }
    }

    pub(crate) async fn open(&self, address: &str) {
        self.page.goto(address).await.expect("opening a page");
    }

    /// Waits for the element.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let found = self.page.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{css}: {error}\n{}", self.page.source().await.unwrap_or_default()),
        }
    }

    /// Waits for the element with that `data-testid`.
    pub(crate) async fn part(&self, testid: &str) -> Element {
        self.find(&format!("[data-testid={testid}]")).await
    }

    /// The text of what has that `data-testid`, found and read in one step: between two, the page may have drawn it anew.
    pub(crate) async fn text(&self, testid: &str) -> String {
        self.part(testid).await;
        text_of(&self.js(&format!("return document.querySelector('[data-testid={testid}]')?.innerText ?? ''")).await)
    }

    /// Clicks what has that `data-testid`.
    pub(crate) async fn press(&self, testid: &str) {
        let part = self.part(testid).await;
        // Pages scroll smoothly, and a click does not wait for that.
        let there =
            format!("document.querySelector('[data-testid={testid}]')?.scrollIntoView({{ block: 'center', behavior: 'instant' }})");
        self.js(&there).await;
        part.click().await.unwrap_or_else(|error| panic!("pressing {testid}: {error}"));
    }

    /// Whether it is there now.
    pub(crate) async fn has(&self, testid: &str) -> bool {
        self.js(&format!("return document.querySelector('[data-testid={testid}]') !== null")).await == true
    }

    /// Whether there is such an element now.
    pub(crate) async fn has_css(&self, css: &str) -> bool {
        self.js_with("return document.querySelector(arguments[0]) !== null", vec![css.into()]).await == true
    }

    /// What the script returns.
    pub(crate) async fn js(&self, script: &str) -> Value {
        self.js_with(script, Vec::new()).await
    }

    pub(crate) async fn js_with(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.page.execute(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Opens another tab and goes there.
    pub(crate) async fn new_tab(&self) {
        let tab = self.page.new_window(true).await.expect("opening a tab");
        self.page.switch_to_window(tab.handle).await.expect("going to the tab");
    }

    /// Goes to the tab that a click has opened, the only one that is not among `before`.
    pub(crate) async fn follow_new_tab(&self, before: usize) {
        let newest = until("a new tab", async || {
            let tabs = self.page.windows().await.expect("listing tabs");
            (tabs.len() > before).then(|| tabs.last().cloned()).flatten()
        })
        .await;
        self.page.switch_to_window(newest).await.expect("going to the tab");
        until("the page in the tab", async || {
            let done = self.js("return document.readyState === 'complete' && location.href !== 'about:blank'").await == true;
            done.then_some(())
        })
        .await;
    }

    /// Closes this tab and goes to the first of those that stay.
    pub(crate) async fn close_tab(&self) {
        self.page.close_window().await.expect("closing a tab");
        let left = self.page.windows().await.expect("listing tabs");
        self.page.switch_to_window(left.first().expect("a tab stays").clone()).await.expect("going to the tab");
    }

    /// Keeps a picture where `PORTER_TEST_SHOTS` says.
    pub(crate) async fn screenshot(&self, name: &str) {
        let Some(folder) = std::env::var_os("PORTER_TEST_SHOTS").map(PathBuf::from) else { return };
        std::fs::create_dir_all(&folder).expect("making the folder for pictures");
        let picture = self.page.screenshot().await.expect("taking a picture");
        std::fs::write(folder.join(format!("{name}.png")), picture).expect("keeping a picture");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = Command::new("sh").args(["-c", &format!("kill -KILL -{}", self.driver.id())]).status();
        let _ = self.driver.wait();
    }
}
