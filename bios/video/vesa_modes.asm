; The modes of the linear frame buffer. 100h-11Bh are VESA's numbers, the rest Bochs' and, from 150h on, our own.

vesa_mode_width  equ 2
vesa_mode_height equ 4
vesa_mode_depth  equ 6
vesa_mode_row    equ 8

%macro vesa_mode_list 0
        mode 0x100,  640,  400,  8
        mode 0x101,  640,  480,  8
        mode 0x103,  800,  600,  8
        mode 0x105, 1024,  768,  8
        mode 0x107, 1280, 1024,  8
        mode 0x10D,  320,  200, 15
        mode 0x10E,  320,  200, 16
        mode 0x10F,  320,  200, 24
        mode 0x110,  640,  480, 15
        mode 0x111,  640,  480, 16
        mode 0x112,  640,  480, 24
        mode 0x113,  800,  600, 15
        mode 0x114,  800,  600, 16
        mode 0x115,  800,  600, 24
        mode 0x116, 1024,  768, 15
        mode 0x117, 1024,  768, 16
        mode 0x118, 1024,  768, 24
        mode 0x119, 1280, 1024, 15
        mode 0x11A, 1280, 1024, 16
        mode 0x11B, 1280, 1024, 24
        mode 0x11C, 1600, 1200,  8
        mode 0x11D, 1600, 1200, 15
        mode 0x11E, 1600, 1200, 16
        mode 0x11F, 1600, 1200, 24
        mode 0x140,  320,  200, 32
        mode 0x141,  640,  400, 32
        mode 0x142,  640,  480, 32
        mode 0x143,  800,  600, 32
        mode 0x144, 1024,  768, 32
        mode 0x145, 1280, 1024, 32
        mode 0x146,  320,  200,  8
        mode 0x147, 1600, 1200, 32
        mode 0x150,  320,  240,  8
        mode 0x151,  320,  240, 16
        mode 0x152,  320,  240, 32
        mode 0x153,  400,  300,  8
        mode 0x154,  400,  300, 16
        mode 0x155,  512,  384,  8
        mode 0x156,  512,  384, 16
        mode 0x157,  640,  400, 15
        mode 0x158,  640,  400, 16
%endmacro

%macro mode 4
        dw   %1, %2, %3, %4
%endmacro
vesa_modes:
        vesa_mode_list
        dw   0

%unmacro mode 4
%macro mode 4
        dw   %1
%endmacro
vesa_mode_numbers:
        vesa_mode_list
        dw   0xFFFF
%unmacro mode 4
