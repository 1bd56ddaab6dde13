"""Messages that wait to be sent, in order, bounded by the rules of the topic table."""

from collections import Counter, OrderedDict, deque
from itertools import count

from shinline.wire.compose import Message
from shinline.wire.topics import TOPICS, Topic


class Outbox:
    """First in, first out; a topic that is over its limit loses its *oldest* message.

    Topics without a limit (reps, cues) lose nothing. That is bounded all the same, by how fast a
    person lifts: a rep leaves about 5 kB, a thousand reps without a broker 5 MB.

    Not thread-safe: the sink holds its lock.
    """

    def __init__(self) -> None:
        self._messages: OrderedDict[int, Message] = OrderedDict()
        self._of_topic: dict[Topic, deque[int]] = {topic: deque() for topic in TOPICS}
        self._numbers = count()
        self._earlier = count(-1, -1)
        self._lost: Counter[Topic] = Counter()

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def lost(self) -> dict[str, int]:
        """How many messages were dropped so far, for each topic that can lose any."""
        return {topic.name: self._lost[topic] for topic in TOPICS if topic.counts_lost}

    def count_lost(self, topic: Topic) -> None:
        """Count a message that was lost further down the line."""
        if topic.counts_lost:
            self._lost[topic] += 1

    def put(self, message: Message) -> None:
        """Append; when the topic has too many waiting, the oldest of them gives way."""
        numbers = self._of_topic[message.topic]
        limit = message.topic.waiting_max
        if limit is not None and len(numbers) >= limit:
            del self._messages[numbers.popleft()]
            self.count_lost(message.topic)
        number = next(self._numbers)
        numbers.append(number)
        self._messages[number] = message

    def put_back(self, message: Message) -> None:
        """Put a message in front of all others: it was taken, and could not be sent after all.

        Where its topic has too many waiting, it is the oldest and gives way.
        """
        numbers = self._of_topic[message.topic]
        limit = message.topic.waiting_max
        if limit is not None and len(numbers) >= limit:
            self.count_lost(message.topic)
            return
        number = next(self._earlier)
        numbers.appendleft(number)
        self._messages[number] = message
        self._messages.move_to_end(number, last=False)

    def take(self) -> Message:
        """Remove and return the message that has waited longest.

        Raises
        ------
        KeyError
            Nothing waits.

        """
        _, message = self._messages.popitem(last=False)
        self._of_topic[message.topic].popleft()
        return message
