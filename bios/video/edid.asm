; What our monitor says of itself. (VESA Enhanced EDID Standard, version 1.3.)

%assign edid_sum 0
%macro told 1-*
    %rep %0
        db   %1
        %assign edid_sum (edid_sum + (%1)) & 0xFF
        %rotate 1
    %endrep
%endmacro

edid:
        told 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00
        told 0x4A, 0x92                 ; RTR, five bits a letter
        told 0x01, 0x00, 1, 0, 0, 0     ; model, serial number
        told 1, 10                      ; first week of 2000
        told 1, 3                       ; version
        told 0x08, 32, 24, 120, 0x0A    ; analogue, 32 x 24 cm, gamma 2.2, colours, the first timing below is preferred
        told 0xEE, 0x91, 0xA3, 0x54, 0x4C, 0x99, 0x26, 0x0F, 0x50, 0x54 ; the primaries of sRGB
        told 0xA1, 0x08, 0x00           ; 720x400, 640x480, 800x600, 1024x768
        told 0x81, 0x80                 ; 1280x1024 at 60 Hz
        told 0xA9, 0x40                 ; 1600x1200
        told 0x71, 0x4F                 ; 1152x864 at 75 Hz
        told 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
        ; 1024x768 at 60 Hz: 65 MHz; 1024 + 320, 768 + 38; sync 24 + 136, 3 + 6; 320 x 240 mm
        told 0x64, 0x19, 0x00, 0x40, 0x41, 0x00, 0x26, 0x30, 24, 136, 0x36, 0x00, 0x40, 0xF0, 0x10, 0, 0, 0x18
        told 0, 0, 0, 0xFD, 0, 50, 77, 30, 83, 23, 0, 10, ' ', ' ', ' ', ' ', ' ', ' ' ; Hz, kHz, 10 MHz
        told 0, 0, 0, 0xFC, 0, 'R', 'e', 't', 'r', 'a', 'c', 'e', 10, ' ', ' ', ' ', ' ', ' '
        told 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        told 0                          ; no further blocks
        db   (256 - edid_sum) & 0xFF
        %if $ - edid != 128
            %error "an EDID block is 128 bytes"
        %endif
