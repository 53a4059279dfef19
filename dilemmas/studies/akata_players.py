"""Who played in the public data of Akata et al. (2025), under the names that new runs give them."""

from __future__ import annotations

MODELS = {
    "act_gpt4": "gpt-4",
    "GPT-4": "gpt-4",
    "act_gpt35": "text-davinci-003",
    "act_gpt3": "text-davinci-002",
    "act_claude": "claude-2",
    "act_claude2": "claude-2",
    "act_claude1": "claude-instant-1",
    "act_llama2": "llama-2-70b-chat",
    "act_gpt4_predictfirst": "gpt-4",
}
THINKING = {"act_gpt4_predictfirst": "scot"}  # all others were asked for their choice at once
SCRIPTS = {
    "act_defect_once": "defect-once",
    "act_false_defector": "defect-once",
    "Defect_once": "defect-once",
    "act_tft": "tit-for-tat",
    "act_tftt": "tit-for-two-tats",
    "act_stft": "suspicious-tit-for-tat",
    "act_rtft": "reverse-tit-for-tat",
    "act_htft": "hard-tit-for-tat-from-defection",
    "act_np10": "naive-prober:p=0.1",
    "act_np20": "naive-prober:p=0.2",
    "act_grim_trigger": "grim",
    "act_jf": "alternator",
    "act_fj": "alternator-from-second",
    "Alternate": "alternator",
}
OWN = {
    "pd": {"act_j": "always-cooperate", "act_f": "always-defect"},
    # Files of the battle of the sexes call the alternator Defect_once.
    "bos": {"act_j": "always-first", "act_f": "always-second", "Defect_once": "alternator"},
    "ordinal": {},
}


def known(player: str, family: str) -> tuple[str, str]:
    """The strategy and the model of a player of a family of games; a stranger keeps its name, and has no model."""
    if player in MODELS:
        return f"{THINKING.get(player, 'plain')}@{MODELS[player]}", MODELS[player]
    return {**SCRIPTS, **OWN[family]}.get(player, player), ""
