// Remembers where a learner is in a lesson, and goes on there. Without it the pages work, and forget the place.
const lesson = document.querySelector("[data-lesson]");
const url = `/api/v1/lessons/${lesson.dataset.lesson}/progress`;
const known = { percent: Number(lesson.dataset.percent), position: Number(lesson.dataset.position) };
const list = document.querySelector("[data-lesson-list]");
if (matchMedia("(min-width: 60.01rem)").matches) list.open = true;

let told = `${known.percent}/${known.position}`;

async function tell(percent, position) {
  const now = `${percent}/${position}`;
  if (now === told) return;
  told = now;
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ percent, position }),
      keepalive: true,
    });
    if (answer.ok) show(await answer.json());
  } catch {
    told = ""; // Not heard: the next time tells it again.
  }
}

function show(standing) {
  const words = document.querySelector("[data-watched]");
  if (words && !standing.completed) words.textContent = words.textContent.replace(/^\d+ %/, `${standing.percent} %`);
  if (words && standing.completed) words.textContent = "You have watched this video.";
  document.querySelector("[data-course-progress]").value = Math.floor((standing.lessons_completed * 100) / standing.lessons);
  document.querySelector("[data-course-words]").textContent = `${standing.lessons_completed} of ${standing.lessons}`;
  const state = document.querySelector("[data-state]");
  if (standing.completed && state.textContent === "") {
    state.textContent = standing.course_completed ? "Course complete. Your certificate is on its way" : "Lesson complete";
    state.classList.add("lesson-done");
    document.querySelector("[aria-current=page]")?.closest(".step")?.classList.replace("step-begun", "step-done");
    document.querySelector("[aria-current=page]")?.closest(".step")?.classList.replace("step-new", "step-done");
  }
}

function whenLeft(tellNow) {
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && tellNow());
  addEventListener("pagehide", tellNow);
}

function video(player) {
  // What was watched in one piece from the beginning; a jump ahead does not count.
  let furthest = 0;
  let last = 0;
  const percent = () => Math.max(known.percent, Math.min(100, Math.round((furthest / player.duration) * 100)));
  const tellNow = () => player.duration && tell(percent(), Math.floor(player.currentTime));
  const begin = () => {
    furthest = (known.percent / 100) * player.duration;
    if (known.position > 0 && known.position < player.duration - 1) player.currentTime = known.position;
  };
  if (player.readyState >= 1) begin();
  else player.addEventListener("loadedmetadata", begin, { once: true });
  player.addEventListener("timeupdate", () => {
    if (!player.seeking && player.currentTime <= furthest + 2) furthest = Math.max(furthest, player.currentTime);
    if (Date.now() - last > 10_000) {
      last = Date.now();
      tellNow();
    }
  });
  player.addEventListener("pause", tellNow);
  player.addEventListener("ended", () => {
    if (furthest > player.duration - 2) furthest = player.duration;
    tellNow();
  });
  whenLeft(tellNow);
}

function text(prose) {
  const room = () => Math.max(1, document.documentElement.scrollHeight - innerHeight);
  const place = () => Math.min(1000, Math.round((scrollY / room()) * 1000));
  const resume = document.querySelector("[data-resume]");
  if (known.position > 100 && known.position < 950) {
    resume.hidden = false;
    resume.addEventListener("click", () => {
      scrollTo({ top: (known.position / 1000) * room() });
      resume.hidden = true;
    });
  }
  let timer;
  // Only who has scrolled has read on: looking in again does not forget the place.
  let scrolled = false;
  const tellNow = () => scrolled && tell(0, place());
  addEventListener("scroll", () => {
    scrolled = true;
    clearTimeout(timer);
    timer = setTimeout(tellNow, 1_500);
  }, { passive: true });
  whenLeft(tellNow);
}

const player = lesson.querySelector("video");
const prose = lesson.querySelector("[data-prose]");
if (player) video(player);
else if (prose && lesson.dataset.kind === "text") text(prose);
