; The parameters of all modes, in the order and form in which the save table promises
; them to programs: 29 entries of 64 bytes. Values: IBM VGA technical reference.

parameter_columns   equ 0
parameter_rows      equ 1       ; less one
parameter_height    equ 2
parameter_length    equ 3       ; word
parameter_sequencer equ 5       ; registers 1-4
parameter_misc      equ 9
parameter_crtc      equ 10      ; registers 0-18h
parameter_attribute equ 35      ; registers 0-13h
parameter_graphics  equ 55      ; registers 0-8

; Horizontal timing, CRTC 0-5: 40 or 80 characters, text or graphics (the retrace
; starts where each pipeline needs it).
%define text_40     0x2D, 0x27, 0x28, 0x90, 0x2B, 0xA0
%define text_80     0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81
%define graphics_40 0x2D, 0x27, 0x28, 0x90, 0x2B, 0x80
%define graphics_80 0x5F, 0x4F, 0x50, 0x82, 0x54, 0x80

; Vertical timing by scan lines: total and overflow, retrace and display end, blanking.
%define total_350 0xBF, 0x1F
%define total_400 0xBF, 0x1F
%define total_480 0x0B, 0x3E
%define sync_350  0x83, 0x85, 0x5D
%define sync_400  0x9C, 0x8E, 0x8F
%define sync_480  0xEA, 0x8C, 0xDF
%define blank_350 0x63, 0xBA
%define blank_400 0x96, 0xB9
%define blank_480 0xE7, 0x04

;             horizontal, lines, maximum scan line, cursor start and end, offset, underline, mode control
%macro crtc 7
        db   %1, total_ %+ %2, 0, %3, %4, 0, 0, 0, 0, sync_ %+ %2, %5, %6, blank_ %+ %2, %7, 0xFF
%endmacro

; Attribute controllers: palette, then mode, overscan, planes, panning.
%define palette_ega 0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F
%define palette_cga 0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
%define palette_four 0, 0x13, 0x15, 0x17, 2, 4, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
%define palette_two 0, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17
%define palette_mda 0, 8, 8, 8, 8, 8, 8, 8, 0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18
%define palette_0f  0, 8, 0, 0, 0x18, 0x18, 0, 0, 0, 8, 0, 0, 0, 0x18, 0, 0
%define palette_11  0, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F
%define palette_13  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15

; Graphics controllers.
%define graphics_text 0, 0, 0, 0, 0, 0x10, 0x0E, 0, 0xFF
%define graphics_mono 0, 0, 0, 0, 0, 0x10, 0x0A, 0, 0xFF
%define graphics_four 0, 0, 0, 0, 0, 0x30, 0x0F, 0, 0xFF
%define graphics_two  0, 0, 0, 0, 0, 0x00, 0x0D, 0, 0xFF
%define graphics_0f   0, 0, 0, 0, 0, 0x00, 0x05, 0x05, 0xFF
%define graphics_ega  0, 0, 0, 0, 0, 0x00, 0x05, 0x0F, 0xFF
%define graphics_11   0, 0, 0, 0, 0, 0x00, 0x05, 0x01, 0xFF
%define graphics_13   0, 0, 0, 0, 0, 0x40, 0x05, 0x0F, 0xFF

; Columns, rows, height, page length; sequencer 1-4; miscellaneous output.
%macro shape 9
        db   %1, %2 - 1, %3
        dw   %4
        db   %5, %6, 0, %7, %8
%assign shape_number %9
%if ($ - parameter_table - parameter_crtc) != shape_number * 64
%error "a mode's parameters are not where the table promises"
%endif
%endmacro

%macro unused 1                 ; entries an EGA kept to itself: its mode 0Dh stands in
        shape 40, 25, 8, 0x2000, 0x09, 0x0F, 0x06, 0x63, %1
        crtc {graphics_40}, 400, 0xC0, {0, 0}, 0x14, 0x00, 0xE3
        db   palette_cga, 0x01, 0, 0x0F, 0, graphics_ega
%endmacro

parameter_table:
%macro text_200 2               ; number, colour burst is of no matter here
    %if %2 = 40
        shape 40, 25, 8, 0x0800, 0x09, 0x03, 0x02, 0x63, %1
        crtc {text_40}, 400, 0xC7, {6, 7}, 0x14, 0x1F, 0xA3
    %else
        shape 80, 25, 8, 0x1000, 0x01, 0x03, 0x02, 0x63, %1
        crtc {text_80}, 400, 0xC7, {6, 7}, 0x28, 0x1F, 0xA3
    %endif
        db   palette_cga, 0x08, 0, 0x0F, 0, graphics_text
%endmacro
        text_200 0x00, 40
        text_200 0x01, 40
        text_200 0x02, 80
        text_200 0x03, 80

%macro cga_four 1
        shape 40, 25, 8, 0x4000, 0x09, 0x03, 0x02, 0x63, %1
        crtc {graphics_40}, 400, 0xC1, {0, 0}, 0x14, 0x00, 0xA2
        db   palette_four, 0x01, 0, 0x03, 0, graphics_four
%endmacro
        cga_four 0x04
        cga_four 0x05

        shape 80, 25, 8, 0x4000, 0x01, 0x01, 0x06, 0x63, 0x06
        crtc {graphics_80}, 400, 0xC1, {0, 0}, 0x28, 0x00, 0xC2
        db   palette_two, 0x01, 0, 0x01, 0, graphics_two

        shape 80, 25, 14, 0x1000, 0x00, 0x03, 0x03, 0xA6, 0x07
        crtc {text_80}, 350, 0x4D, {11, 12}, 0x28, 0x0D, 0xA3
        db   palette_mda, 0x0E, 0, 0x0F, 8, graphics_mono

        unused 0x08
        unused 0x09
        unused 0x0A
        unused 0x0B
        unused 0x0C

        shape 40, 25, 8, 0x2000, 0x09, 0x0F, 0x06, 0x63, 0x0D
        crtc {graphics_40}, 400, 0xC0, {0, 0}, 0x14, 0x00, 0xE3
        db   palette_cga, 0x01, 0, 0x0F, 0, graphics_ega

        shape 80, 25, 8, 0x4000, 0x01, 0x0F, 0x06, 0x63, 0x0E
        crtc {graphics_80}, 400, 0xC0, {0, 0}, 0x28, 0x00, 0xE3
        db   palette_cga, 0x01, 0, 0x0F, 0, graphics_ega

; Modes 0Fh and 10h stand twice: an EGA with little memory had others.
%macro mono_350 1
        shape 80, 25, 14, 0x8000, 0x01, 0x0F, 0x06, 0xA2, %1
        crtc {graphics_80}, 350, 0x40, {0, 0}, 0x28, 0x0F, 0xE3
        db   palette_0f, 0x0B, 0, 0x05, 0, graphics_0f
%endmacro
%macro colour_350 1
        shape 80, 25, 14, 0x8000, 0x01, 0x0F, 0x06, 0xA3, %1
        crtc {graphics_80}, 350, 0x40, {0, 0}, 0x28, 0x0F, 0xE3
        db   palette_ega, 0x01, 0, 0x0F, 0, graphics_ega
%endmacro
        mono_350   0x0F
        colour_350 0x10
        mono_350   0x11
        colour_350 0x12

%macro text_350 2
    %if %2 = 40
        shape 40, 25, 14, 0x0800, 0x09, 0x03, 0x02, 0xA3, %1
        crtc {text_40}, 350, 0x4D, {11, 12}, 0x14, 0x1F, 0xA3
    %else
        shape 80, 25, 14, 0x1000, 0x01, 0x03, 0x02, 0xA3, %1
        crtc {text_80}, 350, 0x4D, {11, 12}, 0x28, 0x1F, 0xA3
    %endif
        db   palette_ega, 0x08, 0, 0x0F, 0, graphics_text
%endmacro
        text_350 0x13, 40
        text_350 0x14, 40
        text_350 0x15, 80
        text_350 0x16, 80

        ; 400 lines, nine dots a character
        shape 40, 25, 16, 0x0800, 0x08, 0x03, 0x02, 0x67, 0x17
        crtc {text_40}, 400, 0x4F, {13, 14}, 0x14, 0x1F, 0xA3
        db   palette_ega, 0x0C, 0, 0x0F, 8, graphics_text

        shape 80, 25, 16, 0x1000, 0x00, 0x03, 0x02, 0x67, 0x18
        crtc {text_80}, 400, 0x4F, {13, 14}, 0x28, 0x1F, 0xA3
        db   palette_ega, 0x0C, 0, 0x0F, 8, graphics_text

        shape 80, 25, 16, 0x1000, 0x00, 0x03, 0x02, 0x66, 0x19
        crtc {text_80}, 400, 0x4F, {13, 14}, 0x28, 0x0F, 0xA3
        db   palette_mda, 0x0E, 0, 0x0F, 8, graphics_mono

        shape 80, 30, 16, 0xA000, 0x01, 0x0F, 0x06, 0xE3, 0x1A
        crtc {graphics_80}, 480, 0x40, {0, 0}, 0x28, 0x00, 0xC3
        db   palette_11, 0x01, 0, 0x0F, 0, graphics_11

        shape 80, 30, 16, 0xA000, 0x01, 0x0F, 0x06, 0xE3, 0x1B
        crtc {graphics_80}, 480, 0x40, {0, 0}, 0x28, 0x00, 0xE3
        db   palette_ega, 0x01, 0, 0x0F, 0, graphics_ega

        shape 40, 25, 8, 0x2000, 0x01, 0x0F, 0x0E, 0x63, 0x1C
        crtc {graphics_80}, 400, 0x41, {0, 0}, 0x28, 0x40, 0xA3
        db   palette_13, 0x41, 0, 0x0F, 0, graphics_13

%if $ - parameter_table != 29 * 64
%error "the parameter table has 29 entries of 64 bytes"
%endif
