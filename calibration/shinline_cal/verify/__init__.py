"""``shinline verify``: tests that any owner can run, and a page that says what they showed.

What three readers would check, and where the answer is:

A coach asks "by how much can it be wrong, and does it miss reps?" The page begins with one
sentence in the unit of the lift (:mod:`.compare`), and counts reps that only one device saw
(:mod:`.pairing`). It never says "valid"; it says within how much, from how many reps.

A sports scientist asks for the figures of the validity papers with their confidence intervals, by
rep, from one method that is named: bias, limits of agreement and the intervals of both,
proportional bias, RMSE, SEE, CCC, ICC, SDC, CV (:mod:`.agreement`). Reps of one set are not
independent, so limits are also given with the spread between sets. Reps are never paired by how
alike their numbers are: that would make any two devices agree (:mod:`.pairing`). The definition of
a rep differs between devices, and the page says which one is ours.

An engineer asks where the error comes from. A thing that falls gives scale and plumb line, a
pendulum gives time base, scale and plumb line apart from each other, a ruler gives scale, and a
bar at rest gives noise (:mod:`.drop`, :mod:`.pendulum`, :mod:`.ruler`, :mod:`.still`). Each comes
with an interval whose coverage is tested on simulated paths, and with what it cannot see.

Evidence that is thin is called thin. What cannot be told from the data is ``null`` in the JSON and
has its reason on the page.
"""
