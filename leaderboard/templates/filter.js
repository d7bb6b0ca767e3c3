"use strict";
const form = document.getElementById("filters");
const found = document.getElementById("found");
function show() {
  const suite = form.elements.suite.value, policy = form.elements.policy.value, env = form.elements.env.value;
  let boards = 0;
  for (const board of document.querySelectorAll("section.board")) {
    for (const row of board.querySelectorAll("tr[data-policy]")) {
      row.hidden = policy !== "" && row.dataset.policy !== policy;
    }
    const fits = (suite === "" || board.dataset.suite === suite) &&
      (env === "" || board.dataset.envs.split(" ").includes(env)) && (policy === "" || JSON.parse(board.dataset.policies).includes(policy));
    board.hidden = !fits;
    boards += fits ? 1 : 0;
  }
  found.textContent = boards === 1 ? "1 board" : boards + " boards";
}
form.addEventListener("change", show);
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
show();
