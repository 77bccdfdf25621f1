; The built-in guest: a small bootable floppy disk that shows a machine at work when no
; other medium is given. Real mode, an 8086 is enough.
;
;   sector 1   boot sector, loads the rest behind itself
;   then       what the keys show: F1 text, F2 256 colours, F3 planes, F4 a tune
;
; Everything lies in segment 0: variables at 1000h, the stack below 7C00h, code from there on.
; Scenes are routines that return AL = the key that ended them (see keys.asm).

        cpu  8086
        bits 16
        org  0x7C00

; ---- variables, below the code -------------------------------------------------
        absolute 0x1000
sine:      resb 256                 ; see sine.asm
phase:     resw 3
last_tick: resw 1
frame_count: resw 1               ; see frames.asm
frame_rest:  resw 1
frame_due:   resw 1
tick_part:   resw 1
old_timer:   resd 1
scene_variables:                    ; each scene has its own here
        section .text

sectors_per_track equ 18
heads             equ 2

        jmp  short start
        nop
        db   "RETRACE "             ; a 1.44 MB disk, so that its geometry is known
        dw   512
        db   1
        dw   1
        db   2
        dw   224
        dw   2880
        db   0xF0
        dw   9
        dw   sectors_per_track
        dw   heads
        dd   0
        dd   0
        db   0, 0, 0x29
        dd   0x20260101
        db   "RETRACE    "
        db   "FAT12   "

start:  cli
        xor  ax, ax
        mov  ds, ax
        mov  es, ax
        mov  ss, ax
        mov  sp, 0x7C00
        sti
        cld
        jmp  0:.here
.here:  mov  [boot_drive], dl
        mov  bx, main
        mov  si, 1                  ; sectors of the disk, counted from 0
.next:  mov  bp, 4                  ; tries: a motor may need them
.again: mov  ax, si
        mov  cl, sectors_per_track
        div  cl
        mov  cl, ah
        inc  cl
        xor  dh, dh
        shr  al, 1
        adc  dh, dh
        mov  ch, al
        mov  dl, [boot_drive]
        mov  ax, 0x0201
        int  0x13
        jnc  .loaded
        mov  ah, 0
        int  0x13
        dec  bp
        jnz  .again
        mov  si, .failed
.say:   lodsb
        or   al, al
        jz   .stop
        mov  ah, 0x0E
        mov  bx, 7
        int  0x10
        jmp  .say
.stop:  hlt
        jmp  .stop
.loaded:
        add  bx, 512
        inc  si
        cmp  si, disk_sectors
        jb   .next
        jmp  main
.failed: db  "The built-in disk cannot be read.", 13, 10, 0

boot_drive: db 0

        times 510 - ($ - $$) db 0
        dw   0xAA55

main:   call make_sine
        mov  al, key_f1
; Show one scene after the other: each ends with a key.
.next:  cmp  al, key_f2
        je   .colours
        cmp  al, key_f3
        je   .planes
        cmp  al, key_f4
        je   .tune
        call welcome
        jmp  .next
.colours:
        call colours
        jmp  .next
.planes:
        call planes
        jmp  .next
.tune:  call tune
        jmp  .next

%include "keys.asm"
%include "frames.asm"
%include "sine.asm"
%include "screen.asm"
%include "welcome.asm"
%include "colours.asm"
%include "planes.asm"
%include "levels.asm"
%include "picture.asm"
%include "tune.asm"

disk_sectors equ ($ - $$ + 511) / 512
        times disk_sectors * 512 - ($ - $$) db 0
