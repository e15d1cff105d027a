"""The job worker, as the supervisor starts it."""

from yaomai.kit.jobs.worker import main

if __name__ == "__main__":
    main()
