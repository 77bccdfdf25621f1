; The board's chips as an AT's BIOS leaves them: two 8259, 8254, two 8237; and the pauses that need no interrupt.

; The interrupt controllers: edge triggered, IRQ 0-7 on INT 08h-0Fh, IRQ 8-15 on INT 70h-77h. Open: timer, keyboard,
; cascade, floppy; FPU and both disk channels. The clock's and the mouse's open when somebody wants them.
init_interrupts:
        mov al, 0x11                    ; ICW1: edge, cascade, ICW4 follows
        out port_pic1, al
        io_delay
        out port_pic2, al
        io_delay
        mov al, 0x08                    ; ICW2: first vector
        out port_pic1_mask, al
        io_delay
        mov al, 0x70
        out port_pic2_mask, al
        io_delay
        mov al, 0x04                    ; ICW3: the second hangs on IRQ 2
        out port_pic1_mask, al
        io_delay
        mov al, 0x02
        out port_pic2_mask, al
        io_delay
        mov al, 0x01                    ; ICW4: 8086 mode, normal end of interrupt
        out port_pic1_mask, al
        io_delay
        out port_pic2_mask, al
        io_delay
        mov al, 0xb8
        out port_pic1_mask, al
        mov al, 0x1f
        out port_pic2_mask, al
        ret

; Counter 0: 18.2 Hz; 1: memory refresh every 15 us; 2: the speaker, 896 Hz, silent.
init_timer:
        mov al, 0x36                    ; counter 0, both bytes, mode 3
        out port_pit_mode, al
        io_delay
        mov al, 0
        out port_pit_0, al
        io_delay
        out port_pit_0, al
        io_delay
        mov al, 0x54                    ; counter 1, low byte, mode 2
        out port_pit_mode, al
        io_delay
        mov al, 18
        out port_pit_1, al
        io_delay
        mov al, 0xb6                    ; counter 2, both bytes, mode 3
        out port_pit_mode, al
        io_delay
        mov al, 0x33
        out port_pit_2, al
        io_delay
        mov al, 0x05
        out port_pit_2, al
        ret

; The second controller carries the first on its channel 0; channel 0 of the first belonged to memory refresh.
init_dma:
        mov al, 0
        out 0x08, al                    ; commands: enable
        out 0xd0, al
        mov al, 0xc0
        out 0xd6, al                    ; cascade
        mov al, 0x00
        out 0xd4, al                    ; open the cascade
        ret

; Waits CX * 15 us by the refresh toggle of port B: for pauses shorter than a timer tick.
refresh_wait:
        push ax
        push cx
        jcxz .done
        in al, port_b
        and al, 0x10
        mov ah, al
.next:
        push cx
        mov cx, 4000                    ; a board without the toggle must not stop us
.same:
        in al, port_b
        and al, 0x10
        cmp al, ah
        loope .same
        pop cx
        mov ah, al
        loop .next
.done:
        pop cx
        pop ax
        ret

; Sleeps until an interrupt, where the timer can end the sleep, else for about 15 us. Called with interrupts off, so that
; nothing comes between the caller's look and the HLT; returns with them on. Changes nothing.
idle:
        push ax
        in al, port_pic1_mask
        test al, 0x01
        jnz .no_timer
        pop ax
        sti
        hlt
        ret
.no_timer:
        pop ax
        sti
        push cx
        mov cx, 1
        call refresh_wait
        pop cx
        ret

; CMOS byte AL into AL. Keeps bit 7 of AL, the NMI mask, and everything else.
cmos_read:
        pushf
        cli
        out port_cmos_index, al
        io_delay
        in al, port_cmos_data
        push ax
        mov al, cmos_status_d           ; leave the index where no later stray write hurts
        out port_cmos_index, al
        io_delay
        in al, port_cmos_data
        pop ax
        popf
        ret

; AL to CMOS byte AH.
cmos_write:
        pushf
        cli
        push ax
        xchg al, ah
        out port_cmos_index, al
        io_delay
        mov al, ah
        out port_cmos_data, al
        mov al, cmos_status_d
        out port_cmos_index, al
        io_delay
        in al, port_cmos_data
        pop ax
        popf
        ret

; CMOS bytes AL (low) and AL + 1 as a word into AX.
cmos_read_word:
        push bx
        mov bl, al
        inc al
        call cmos_read
        mov bh, al
        mov al, bl
        call cmos_read
        mov ah, bh
        pop bx
        ret
