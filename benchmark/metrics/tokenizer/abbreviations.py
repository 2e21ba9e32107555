"""The words that a dot belongs to, by what the tokenizer does with it, and those that a sentence starts with.

As expressions; of any case, unless said otherwise. Of one to three letters the lists are complete: the original was run
on all such words, and on those of the paraphrases of METEOR.
"""

from __future__ import annotations

# The dot always stays.
TITLES = (
    "adj|adm|adv|assoc|asst|atty|attys|ave|brig|capt|cf|cie|cmdr|col|comdr|cpl|dept|det|dr|drs|elec|ens|ft|gen|gov|"
    "govs|hon|insp|invt|jos|lieut|lt|maj|messrs|mlle|mme|mr|mrs|ms|msgr|mt|natl|pfc|ph|pres|prof|profs|pvt|rep|"
    "reps|rev|sen|sens|sfc|sgt|spc|st|ste|supt|treas|vs|wm"
)

# The dot stays, and a sentence that may end there gets one more.
ENDINGS = (
    r"al|ala|apr|ariz|assn|aug|bancorp|bhd|bldg|blvd|bros|calif|co|colo|conn|corp|cos|ct|dak|dec|ed\.d|esq|est|etc|"
    "ext|feb|fla|fri|ga|inc|ind|intl|jan|jr|jul|jun|kan|kans|ky|ltd|mar|md|mich|minn|mo|mon|mont|neb|nev|nov|oct|"
    r"okla|penn|ph\.d|plc|rd|rt|sep|sept|seq|sq|sr|sys|tel|tenn|thu|thurs|tue|tues|univ|va|vt|wed|wis|wisc|wyo"
)
CAPITALIZED_ENDINGS = "Ark|Az|Del|Ill|La|Mass|Miss|Ore|Pa|Tex|Wash"

# The dot stays before a digit.
NUMBERED = "art|ca|fig|figs|no|nos|op|pp|prop"

# They start a sentence behind a letter with a dot, when their first letter is a capital.
STARTERS = (
    "A|About|According|Additionally|After|An|As|At|But|Earlier|He|Her|Here|However|If|In|It|Last|Many|More|Now|"
    "Once|One|Other|Our|She|Since|So|Some|Such|That|The|Their|Then|There|These|They|This|We|What|When|While|Yet|"
    "You"
)
