; Frames: pictures move once a vertical retrace. Asking the VGA all the time when that will
; be would keep the processor busy, so timer 0 is set to wake it shortly before, and only
; the rest is spent asking. Meanwhile the BIOS gets its 18.2 ticks a second as before.

; Takes the timer and measures how long a frame is.
open_frames:
        mov  al, 0x34               ; counter 0, mode 2, once around
        out  0x43, al
        mov  al, 0
        out  0x40, al
        out  0x40, al
        call ask_retrace
        call read_timer
        mov  bx, ax
        call ask_retrace
        call read_timer
        sub  bx, ax                 ; it counts down
        cmp  bx, 1193182 / 100      ; nothing a monitor does: 70 Hz
        jb   .usual
        cmp  bx, 1193182 / 40
        jb   .fair
.usual: mov  bx, 1193182 / 70
.fair:  mov  ax, bx
        mov  cl, 5
        shr  ax, cl
        mov  [frame_rest], ax       ; asks for a thirty-second of it
        sub  bx, ax
        mov  [frame_count], bx
        mov  word [tick_part], 0
        mov  byte [frame_due], 0
        cli
        mov  ax, [0x08 * 4]
        mov  [old_timer], ax
        mov  ax, [0x08 * 4 + 2]
        mov  [old_timer + 2], ax
        mov  word [0x08 * 4], frame_tick
        mov  [0x08 * 4 + 2], cs
        call start_timer
        sti
        ret

; Gives the timer back. Keeps AX.
close_frames:
        push ax
        cli
        mov  ax, [old_timer]
        mov  [0x08 * 4], ax
        mov  ax, [old_timer + 2]
        mov  [0x08 * 4 + 2], ax
        mov  al, 0x36               ; as the BIOS has it: mode 3, once around
        out  0x43, al
        mov  al, 0
        out  0x40, al
        out  0x40, al
        sti
        pop  ax
        ret

; Sleeps until the next retrace begins. Keeps all registers.
wait_frame:
        push ax
.sleep: cli
        cmp  byte [frame_due], 0
        jne  .soon
        sti
        hlt
        jmp  .sleep
.soon:  sti
        call ask_retrace
        cli
        call start_timer
        mov  ax, [frame_rest]
        add  [tick_part], ax
        jnc  .done
        pushf
        call far [old_timer]
.done:  sti
        pop  ax
        ret

; The timer counts from the start again.
start_timer:
        mov  byte [frame_due], 0
        mov  al, 0x34
        out  0x43, al
        mov  ax, [frame_count]
        out  0x40, al
        mov  al, ah
        out  0x40, al
        ret

; INT 08h: soon. The BIOS is told when 65536 counts have gone by.
frame_tick:
        push ax
        push ds
        xor  ax, ax
        mov  ds, ax
        mov  byte [frame_due], 1
        mov  ax, [frame_count]
        add  [tick_part], ax
        jc   .tick
        mov  al, 0x20
        out  0x20, al
        pop  ds
        pop  ax
        iret
.tick:  pop  ds
        pop  ax
        jmp  far [cs:old_timer]

; The end of the present retrace, if there is one, and the start of the next.
ask_retrace:
        push ax
        push dx
        mov  dx, 0x3DA
.present:
        in   al, dx
        test al, 8
        jnz  .present
.next:  in   al, dx
        test al, 8
        jz   .next
        pop  dx
        pop  ax
        ret

; AX = what timer 0 has left.
read_timer:
        mov  al, 0
        out  0x43, al
        in   al, 0x40
        mov  ah, al
        in   al, 0x40
        xchg al, ah
        ret
