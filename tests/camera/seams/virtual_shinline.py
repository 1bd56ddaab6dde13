"""The program itself, on the virtual camera: ``python -m virtual_shinline RATE_HZ run ...``."""

import sys

import virtual_camera

from shinline.cli import main

if __name__ == "__main__":
    virtual_camera.install(float(sys.argv.pop(1)), singly=True)
    main()
