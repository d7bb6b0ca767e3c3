"""How a sentence says what something is: the verbs, signs and small words between it and its value.

Everything here is a pattern for a normalised text, in which a single space stands for any white space. Every part is
bounded, so that a search takes no longer than the text is long.
"""

_ADVERB = (
    r"(?:therefore|thus|hence|then|indeed|exactly|precisely|simply|just|clearly|obviously|certainly|definitely"
    r"|necessarily|always|really|actually|truly|surely|probably|also|only|now|still|both|all|in fact|of course"
    r"|consequently|accordingly|however|on the other hand|equal to|given by)"
)
_SOME = rf"(?:,?\s{_ADVERB},?){{0,2}}"
BE = (
    rf"(?:(?:must|will|would|should|can|could|has|have|had|ought|needs|is bound)(?:\s{_ADVERB})?(?:\sto)?\sbe"
    r"|(?:turns|turned|comes|came|works|worked|ends|ended) (?:out|up)(?: to be| being| as| at)?"
    r"|is|are|was|were|becomes|became|remains|equals)"
)
SIGN = r"(?:[:=]{1,2}>?|[-–—]{1,2}>|→|⇒|rightarrow)"
VERB = rf"{_SOME}\s{BE}{_SOME}"
"""With the space before it."""
LINK = rf"(?:\s?{SIGN}|{VERB}(?:\s?[:=])?)"
MARKS = r"""[\s:*_`"'“”‘’$(\[]{0,8}"""
"""What may stand between a link and a value."""
