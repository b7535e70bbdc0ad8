"""What to do about a container that the kubelet could not start."""


def remedy(words: str) -> str:
    """A sentence, by what the runtime said."""
    if "argument list too long" in words.lower():
        return (
            "Its variables take more than a program can be started with (128 KiB each, about 2 MiB in all):"
            " mount long texts from a ConfigMap or Secret."
        )
    return "The image needs python3 and distributed."
